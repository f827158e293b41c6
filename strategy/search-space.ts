/** A value that a setting may take: whole lists stand for the list settings (`targets`). */
export type SettingValue =
  | string
  | number
  | boolean
  | null
  | readonly SettingValue[]
  | { readonly [key: string]: SettingValue };

interface Common {
  /** Dotted path of the configuration, as in `--set path=value`. */
  path: string;
  /** Changes how signals are traded, never the signals: their results can be used again. */
  executionOnly?: boolean;
  /** Only searched while an earlier parameter has one of these values; else the preset's holds. */
  when?: { path: string; in: readonly SettingValue[] };
}

export interface FloatParameter extends Common {
  kind: 'float';
  low: number;
  high: number;
  /** Even in the logarithm; both ends above zero. */
  log?: boolean;
}

/** Both ends belong to it. */
export interface IntParameter extends Common {
  kind: 'int';
  low: number;
  high: number;
  log?: boolean;
}

export interface ChoiceParameter extends Common {
  kind: 'choice';
  choices: readonly SettingValue[];
}

export type SearchParameter = FloatParameter | IntParameter | ChoiceParameter;

/** Must hold for a point to be tried; sides are paths (searched or of the preset) or numbers. */
export interface SearchConstraint {
  left: string;
  is: '<' | '<=' | '>' | '>=' | '=' | '!=';
  right: string | number;
}

/** What may be searched, declared beside the strategy that reads the settings. */
export interface SearchSpaceDeclaration {
  name: string;
  note: string;
  /** Trade preset that everything else is taken from. */
  preset: string;
  parameters: readonly SearchParameter[];
  constraints?: readonly SearchConstraint[];
}
