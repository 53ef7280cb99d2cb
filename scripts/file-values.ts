import type { SettingName, SettingText } from '../src/config/settings.ts';
import type { DurationText } from '../src/config/value-schemas.ts';

/** The text of a scalar as the YAML scalar that it is: true in place of 'true', 3 in place of '3'. */
type Scalar<T> = T extends 'true' | 'false' ? boolean : T extends `${number}` ? number : T;

/** What a configuration file holds for each key, by its dotted name. */
export type FileValues = { readonly [N in SettingName]: Scalar<SettingText<N>> };

/** So that the description can call it by its name. */
export type Duration = DurationText;
