const PRIMITIVES: Readonly<Record<string, string>> = {
  B: 'byte',
  C: 'char',
  D: 'double',
  F: 'float',
  I: 'int',
  J: 'long',
  S: 'short',
  Z: 'boolean',
};

/** The JVM's name of a class as Java writes it: `[B` → `byte[]`, `[Ljava.lang.String;` → `java.lang.String[]`. */
export function javaClassName(name: string): string {
  if (!name.startsWith('[')) return name;
  let depth = 0;
  while (name[depth] === '[' && depth < 255) depth++;
  const element = name.slice(depth);
  const brackets = '[]'.repeat(depth);
  if (element.startsWith('L') && element.endsWith(';')) return `${element.slice(1, -1)}${brackets}`;
  const primitive = element.length === 1 ? PRIMITIVES[element] : undefined;
  return primitive === undefined ? name : `${primitive}${brackets}`;
}
