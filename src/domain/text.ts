/** A sentence for the user in every language the product speaks. */
export interface Text {
  readonly en: string;
  readonly ko: string;
}
export type Language = keyof Text;

export const text = (en: string, ko: string): Text => ({ en, ko });
