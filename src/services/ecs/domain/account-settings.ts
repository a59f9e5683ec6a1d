import { invalidParameter } from '../errors.ts';

interface SettingRules {
  readonly initial: string;
  readonly values: readonly string[];
  /** Others are refused: what they turn on is not built. */
  readonly built: readonly string[];
}

const enabledOrNot = ['enabled', 'disabled'];
const onOrOff = ['on', 'off'];

/** Every account setting, with what AWS sets it to in an account of today. */
export const SETTINGS = {
  awsvpcTrunking: { initial: 'disabled', values: enabledOrNot, built: enabledOrNot },
  containerInsights: {
    initial: 'disabled',
    values: ['enabled', 'disabled', 'enhanced'],
    built: ['enabled', 'disabled', 'enhanced'],
  },
  containerInstanceLongArnFormat: { initial: 'enabled', values: enabledOrNot, built: enabledOrNot },
  defaultLogDriverMode: {
    initial: 'non-blocking',
    values: ['blocking', 'non-blocking'],
    built: ['blocking', 'non-blocking'],
  },
  fargateEventWindows: { initial: 'disabled', values: enabledOrNot, built: ['disabled'] },
  fargateFIPSMode: { initial: 'disabled', values: enabledOrNot, built: ['disabled'] },
  fargateTaskRetirementWaitPeriod: { initial: '7', values: ['0', '7', '14'], built: ['0', '7', '14'] },
  guardDutyActivate: { initial: 'off', values: onOrOff, built: onOrOff },
  serviceLongArnFormat: { initial: 'enabled', values: enabledOrNot, built: ['enabled'] },
  tagResourceAuthorization: { initial: 'on', values: onOrOff, built: ['on'] },
  taskLongArnFormat: { initial: 'enabled', values: enabledOrNot, built: ['enabled'] },
} as const satisfies Readonly<Record<string, SettingRules>>;

export type SettingName = keyof typeof SETTINGS;

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** @throws InvalidParameterException for a name that ECS does not have */
export function settingName(name: string | undefined): SettingName {
  const found = SETTING_NAMES.find((one) => one === name);
  if (!found) throw invalidParameter(`Invalid setting name: ${name}.`);
  return found;
}

/** @throws InvalidParameterException for a value that the setting cannot have, here or on AWS */
export function checkSettingValue(name: SettingName, value: string): void {
  const { values, built }: SettingRules = SETTINGS[name];
  if (name === 'guardDutyActivate') throw invalidParameter('The setting guardDutyActivate is read-only.');
  if (!values.includes(value)) throw invalidParameter(`Invalid value for account setting ${name}: ${value}.`);
  if (!built.includes(value)) throw invalidParameter(`Longshore does not support ${name} ${value} yet.`);
}
