/** Checkers that keepalived does not have. */

import { given } from '../../base/given.js';
import type { CheckerConfig, ConnectionOptions } from '../../health/config-check.js';
import type { grpcCheck, mysqlCheck, pgsqlCheck, redisCheck } from '../keywords/own-checks.js';
import type { Section } from '../keywords/kinds.js';
import type { Keywords, Located } from '../keywords/schema.js';
import { scheduleOf } from './connection.js';
import type { CheckerParents } from './connection.js';
import type { Build } from './context.js';
import { certificateOf } from './own-web.js';

type Block<T extends { readonly keywords: Keywords }> = Located<Section<T['keywords']>>;

export function buildGrpc(
  build: Build,
  connection: ConnectionOptions,
  parents: CheckerParents,
  { value: { values } }: Block<typeof grpcCheck>,
): CheckerConfig {
  const host = values.host?.value;
  const { certificate } = certificateOf(build, values, []);
  const service = values.service?.value ?? '';
  return {
    check: { type: 'GRPC_CHECK', connection, service, tls: values.tls !== undefined, ...given({ host, certificate }) },
    ...scheduleOf(values, parents),
  };
}

export function buildMysql(connection: ConnectionOptions, parents: CheckerParents, { value: { values } }: Block<typeof mysqlCheck>): CheckerConfig {
  return { check: { type: 'MYSQL_CHECK', connection, ...given({ user: values.user?.value }) }, ...scheduleOf(values, parents) };
}

export function buildPgsql(
  { findings }: Build,
  connection: ConnectionOptions,
  parents: CheckerParents,
  { value: { values } }: Block<typeof pgsqlCheck>,
): CheckerConfig {
  const { user, database } = values;
  if (user === undefined && database !== undefined) {
    findings.report('uselessLine', database.at, 'database means something with user only', 'write: user NAME');
  }
  return { check: { type: 'PGSQL_CHECK', connection, ...given({ user: user?.value, database: database?.value }) }, ...scheduleOf(values, parents) };
}

export function buildRedis(connection: ConnectionOptions, parents: CheckerParents, { value: { values } }: Block<typeof redisCheck>): CheckerConfig {
  return { check: { type: 'REDIS_CHECK', connection, ...given({ password: values.password?.value }) }, ...scheduleOf(values, parents) };
}
