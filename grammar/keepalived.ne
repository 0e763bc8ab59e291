@preprocessor typescript
main -> null
