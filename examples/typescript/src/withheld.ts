// A field that is null says nothing by itself: it is empty, or withheld from your role. `withheld` on the object tells.
import type { InformationCategory } from "./generated.js";

/** What a field says: something, nothing, or that it is not for you. Never take the last for the second. */
export type Withheld<T> =
  | { state: "told"; value: T }
  | { state: "empty" }
  | { state: "withheld"; category: InformationCategory };

/**
 * Reads a field of an object. `category` is what the field belongs to: the schema's descriptions say so.
 *
 * The compiler insists that `withheld` was asked for beside the field, and that all three states are answered where the
 * result is used.
 */
export function field<Name extends string, T>(
  object: { withheld: readonly InformationCategory[] } & { [key in Name]: T | null },
  name: Name,
  category: InformationCategory,
): Withheld<T> {
  const value = object[name];
  if (value !== null) return { state: "told", value };
  return object.withheld.includes(category) ? { state: "withheld", category } : { state: "empty" };
}

/** The same in words for a person. */
export function inWords<T>(read: Withheld<T>): string {
  switch (read.state) {
    case "told":
      return String(read.value);
    case "empty":
      return "not recorded";
    case "withheld":
      return `withheld (${read.category})`;
  }
}
