/** What is worth telling about devices, kernel settings and the packet filter, as data: told by the io room, put into words by the narrator. */

export type SettingNote =
  /** `path` is below /proc/sys/net. */
  | { readonly type: 'settingChanged'; readonly path: string; readonly from: string; readonly to: string }
  | { readonly type: 'settingRestored'; readonly path: string; readonly to: string }
  | { readonly type: 'settingFailed'; readonly path: string; readonly reason: string };

export type FilterNote =
  /** The kernel's packet filter does not take our rules. */
  | { readonly type: 'filterRefused'; readonly reason: string }
  /** Somebody else had changed a table of ours (`table ip keepalived`): it is as it was. At most ten changes are named. */
  | { readonly type: 'filterRepaired'; readonly table: string; readonly count: number; readonly named: readonly string[] };

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
  | FilterNote
  | SettingNote;
