/**
 * The authority's parameters: one JSON file (`parameters.json` beside the database), read at start, every field optional.
 * A field that is unknown or out of range stops the start with 'parameters-invalid': a typing error must not change how
 * people are warned.
 */
import { readFileSync } from 'node:fs';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { DEFAULT_SERVICE_START } from '../../device/robert/time.js';
import { PHONE_MAX } from '../../device/seal/answer.js';
import { GaletError } from '../errors.js';

const strict = { additionalProperties: false };
const ntp = (description: string, defaultValue: number) =>
  Type.Integer({ minimum: 0, maximum: 0xffffffff, default: defaultValue, description });

/** Scoring version 2 of robert-server, its defaults and its names. */
const Scoring = Type.Object(
  {
    p0: Type.Number({ default: -66, description: 'Power of zero risk, dBm.' }),
    deltas: Type.Array(Type.Number({ exclusiveMinimum: 0 }), {
      minItems: 2,
      maxItems: 16,
      default: [39, 27, 23, 21, 20, 15],
      description: 'dB over p0 that make full risk, by the number of hellos in a two-minute window.',
    }),
    softMaxA: Type.Number({ exclusiveMinimum: 0, default: 4.342, description: 'Softness of the mean power.' }),
    softMaxB: Type.Number({ exclusiveMinimum: 0, default: 0.2, description: 'Softness of the mean risk.' }),
    rssiErrorAbove: Type.Number({ maximum: 0, default: -5, description: 'Powers above this are errors, dBm.' }),
    rssiMax: Type.Number({ maximum: -5, default: -35, description: 'Powers are cut here, dBm.' }),
    epochTolerance: Type.Integer({
      minimum: 0,
      maximum: 900,
      default: 0,
      description: 'Seconds by which a contact may outlast its epoch.',
    }),
    scoreMultiplier: Type.Number({ exclusiveMinimum: 0, default: 1.2, description: 'Raises the mean risk.' }),
    scoreCap: Type.Number({ exclusiveMinimum: 0, default: 1, description: 'The raised mean risk is cut here.' }),
  },
  { ...strict, default: {} },
);

/** When a person is at risk, and for how long; robert-server's rules but for tokens (docs/spec/robert.md). */
const Risk = Type.Object(
  {
    r0: Type.Number({ exclusiveMinimum: 0, default: 0.0071, description: 'Risk per unit of score.' }),
    threshold: Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.1,
      description: 'Aggregated risk from which a person is at risk.',
    }),
    lastContactDays: Type.Integer({
      minimum: 1,
      maximum: 14,
      default: 7,
      description: 'A contact older than this raises no risk.',
    }),
    riskRetentionDays: Type.Integer({
      minimum: 1,
      maximum: 30,
      default: 7,
      description: 'Days after the last contact for which a phone, or a token that has been told, stays at risk.',
    }),
    contagiousDays: Type.Integer({ minimum: 1, maximum: 14, default: 14, description: 'Days of contacts that count.' }),
    tokenRiskDays: Type.Integer({
      minimum: 1,
      maximum: 30,
      default: 21,
      description: 'Days after the last contact for which a warning waits for a token to visit.',
    }),
  },
  { ...strict, default: {} },
);

const ParametersSchema = Type.Object(
  {
    serviceStart: ntp('Epoch 0: 00:00 UTC of the first day, NTP seconds.', DEFAULT_SERVICE_START),
    countryCode: Type.Integer({
      minimum: 0,
      maximum: 255,
      default: 0x21,
      description: 'Of this server; France is 33.',
    }),
    endTime: ntp('When tokens erase themselves and the server refuses, NTP seconds; 0 for no end yet.', 0),
    phone: Type.String({
      maxLength: PHONE_MAX,
      pattern: '^[0-9 +]*$',
      default: '',
      description: 'What a wearer at risk is told to ring.',
    }),
    visitDays: Type.Integer({
      minimum: 1,
      maximum: 21,
      default: 7,
      description: 'Days between visits to the counter.',
    }),
    bundleDays: Type.Integer({
      minimum: 1,
      maximum: 20,
      default: 4,
      description: 'Days of identifiers that a phone gets; a token always gets 22.',
    }),
    reportDelaySeconds: Type.Integer({
      minimum: 0,
      maximum: 86400,
      default: 0,
      description: 'A kiosk holds each report back for a random time up to this.',
    }),
    mixReports: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 5,
      description: 'Reports whose contacts are mixed before the ROBERT server gets them.',
    }),
    mixDelaySeconds: Type.Integer({
      minimum: 0,
      maximum: 86400,
      default: 3600,
      description: 'The longest that a report waits to be mixed with others.',
    }),
    shortCodeMinutes: Type.Integer({ minimum: 5, maximum: 1440, default: 60, description: 'Life of a short code.' }),
    codeKeys: Type.Record(Type.String({ minLength: 1, maxLength: 100 }), Type.String({ maxLength: 1000 }), {
      default: {},
      description: 'Other issuers of JWT codes: key id to P-256 public key (SubjectPublicKeyInfo, base64).',
    }),
    requestToleranceSeconds: Type.Integer({
      minimum: 10,
      maximum: 600,
      default: 60,
      description: 'By how much the clock of a request may be wrong.',
    }),
    statusGapEpochs: Type.Integer({
      minimum: 0,
      maximum: 96,
      default: 2,
      description: 'Epochs between two statuses of one identity; 0 for no limit.',
    }),
    risk: Risk,
    scoring: Scoring,
  },
  strict,
);

export type Parameters = Static<typeof ParametersSchema>;

function invalid(field: string): GaletError {
  return new GaletError('parameters-invalid', { field });
}

/** Completes `given` with the defaults. Throws 'parameters-invalid', naming the first field that is wrong. */
export function parametersFrom(given: unknown): Parameters {
  const value = Value.Default(ParametersSchema, Value.Clone(given));
  if (!Value.Check(ParametersSchema, value)) {
    throw invalid([...Value.Errors(ParametersSchema, value)][0]?.path || '/');
  }
  return value;
}

/** The parameters in `file`, or the defaults where there is no such file. Throws 'parameters-invalid'. */
export function readParameters(file: string): Parameters {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return parametersFrom({});
    throw error;
  }
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw invalid('JSON');
  }
  return parametersFrom(given);
}

/** Every parameter with its default and meaning, for the documentation and `--help`. */
export function describeParameters(): { name: string; value: unknown; description: string }[] {
  return Object.entries(ParametersSchema.properties).map(([name, schema]) => ({
    name,
    value: schema.default,
    description: schema.description ?? '',
  }));
}
