/** What is worth telling about devices, kernel settings and the packet filter, as data: told by the io room, put into words by the narrator. */

export type SettingNote =
  /** `path` is below /proc/sys/net. */
  | { readonly type: 'settingChanged'; readonly path: string; readonly from: string; readonly to: string }
  | { readonly type: 'settingRestored'; readonly path: string; readonly to: string }
  | { readonly type: 'settingFailed'; readonly path: string; readonly reason: string };

export type DeviceNote =
  | {
      /** `deviceFound`: one of a former run fits. `deviceReplaced`: one does not, and is removed. */
      readonly type: 'deviceMade' | 'deviceFound' | 'deviceReplaced' | 'deviceRemoved';
      readonly instance: string;
      readonly device: string;
      readonly kind: 'macvlan' | 'ipvlan';
    }
  | { readonly type: 'deviceFailed'; readonly instance: string; readonly device: string; readonly reason: string }
  /** Instances need a packet filter and no line names one. */
  | { readonly type: 'filterImplied' }
  /** The kernel's packet filter does not take our rules. */
  | { readonly type: 'filterRefused'; readonly reason: string }
  /** FULLNAT: somebody had removed rules. */
  | { readonly type: 'translationRepaired' }
  | SettingNote;
