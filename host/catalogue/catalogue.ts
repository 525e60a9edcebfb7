/** Every sentence a person reads, in French and in English, side by side so that neither can be forgotten. */
export type Language = 'fr' | 'en';

export type Sentence = Record<Language, string>;

/** Fills `{name}` placeholders. A placeholder without a value stays visible: a test, not a wearer, should find it. */
export function fill(sentence: string, parameters: Record<string, string | number> = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}

/** The language of a locale string such as `fr_FR.UTF-8`; English where it names neither. */
export function languageOf(locale: string | undefined): Language {
  return locale?.toLowerCase().startsWith('fr') ? 'fr' : 'en';
}
