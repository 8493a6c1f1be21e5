// Limits of the server that forms keep, so that nobody types what would be refused.

/** Longest name of a user, a project, a key or a goal, characters. */
export const NAME_CHARS_MAX = 100;

/** Shortest password, characters. */
export const PASSWORD_CHARS_MIN = 8;
