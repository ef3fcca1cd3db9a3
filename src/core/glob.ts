/** True where a text matches any of the patterns; `*` and `?` as in a shell, nothing else is special. */
export function createGlobMatcher(patterns: readonly string[]): (text: string) => boolean {
  const tests = patterns.map(globTest);
  return (text) => tests.some((matches) => matches(text));
}

/** Greedy matching with one point of return, so that no pattern takes more than length × length steps. */
function globTest(pattern: string): (text: string) => boolean {
  return (text) => {
    let at = 0;
    let inText = 0;
    let starAt = -1;
    let resumeAt = 0;
    while (inText < text.length) {
      if (at < pattern.length && pattern[at] === '*') {
        starAt = at++;
        resumeAt = inText;
      } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[inText])) {
        at++;
        inText++;
      } else if (starAt >= 0) {
        at = starAt + 1;
        inText = ++resumeAt;
      } else {
        return false;
      }
    }
    while (pattern[at] === '*') at++;
    return at === pattern.length;
  };
}
