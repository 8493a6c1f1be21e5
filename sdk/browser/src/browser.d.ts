// Owns browser features that the compiler's own library does not describe yet.

interface Document {
  /** True while the page is rendered ahead of a visit that may never come. */
  readonly prerendering?: boolean;
}
