export interface RefreshPreferences {
  readonly minPercentage: number;
  readonly maxPercentage: number;
  readonly warmupS: number;
  readonly skipsMatching: boolean;
  readonly rollsBack: boolean;
  readonly checkpoints: readonly number[];
  readonly checkpointDelayS: number;
  readonly bakeS: number;
  readonly whenProtected: 'Refresh' | 'Ignore' | 'Wait';
  readonly whenStandby: 'Terminate' | 'Ignore' | 'Wait';
}
