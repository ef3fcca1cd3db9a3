/** A sentence for the user in every language the product speaks. */
export interface Text {
  readonly en: string;
  readonly ko: string;
}
export type Language = keyof Text;

/** What is said in every language, or only as somebody else said it. */
export type Words = string | Text;

export const inLanguage = (words: Words, language: Language): string =>
  typeof words === 'string' ? words : words[language];

/** Parts of a line, said in every language; those that are not known are left out. */
export const joinWords = (parts: readonly (Words | undefined)[], between: string): Text => {
  const joined = (language: Language) =>
    parts
      .flatMap((part) => (part === undefined || part === '' ? [] : inLanguage(part, language)))
      .join(between);
  return { en: joined('en'), ko: joined('ko') };
};

export const text = (en: string, ko: string): Text => ({ en, ko });
