/** The form of a word that goes with a count, by the language's own rule: `plural('en', 1, {one: 'alarm', other: 'alarms'})`. */
export function plural(locale: string, count: number, forms: { readonly one?: string; readonly other: string }): string {
  const rule = new Intl.PluralRules(locale).select(count);
  return rule === 'one' && forms.one !== undefined ? forms.one : forms.other;
}
