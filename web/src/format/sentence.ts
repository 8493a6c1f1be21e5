// The server's messages begin in lower case; on a page they stand alone.

export const sentence = (message: string): string =>
  message.charAt(0).toUpperCase() + message.slice(1);
