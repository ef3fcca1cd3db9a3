/**
 * `com.shop.Cart.add` of `com.shop.Cart.add(Cart.java:42)`, without loader and module
 * (`app//com.shop.Cart.add(…)`, `java.base@17.0.15/java.lang.Object.wait(Native Method)`) and without the number of
 * a hidden class (`Cart$$Lambda$22/0x00007f64e0148448.run` is `Cart$$Lambda.run`), which differs between runs.
 */
export function methodOf(frame: string): string {
  const end = frame.indexOf('(');
  const whole = end < 0 ? frame : frame.slice(0, end);
  const hidden = whole.indexOf('$$Lambda');
  const lead = hidden < 0 ? whole : whole.slice(0, hidden);
  const slash = lead.lastIndexOf('/');
  const from = slash < 0 ? 0 : slash + 1;
  if (hidden < 0) return whole.slice(from);
  const dot = whole.lastIndexOf('.');
  return `${whole.slice(from, hidden)}$$Lambda${dot > hidden ? whole.slice(dot) : ''}`;
}

/** `Cart` of `com.shop.Cart`; arrays and inner classes stay. */
export const shortClass = (className: string): string => className.slice(className.lastIndexOf('.') + 1);
