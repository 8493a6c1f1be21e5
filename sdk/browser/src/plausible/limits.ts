// Owns the bounds of the script for Plausible's pages. Refuses to hold anything else.

/** Parents of a clicked element that may carry its mark. */
export const TAGGED_PARENTS_MAX = 3;
/** Endings that are downloads unless the page names others. */
export const FILE_TYPES = (
  "pdf,xlsx,docx,txt,rtf,csv,exe,key,pps,ppt,pptx,7z,pkg,rar,gz,zip," +
  "avi,mov,mp4,mpeg,wmv,midi,mp3,wav,wma,dmg"
).split(",");
