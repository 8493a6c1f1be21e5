// Owns the script-tag build `umami.js`, which the server also hands out under the name that Umami's
// script has. Publishes `window.umami`.

import { safely } from "../host";
import { ofTag } from "../umami/settings";
import { begin, type Umami } from "../umami/tracker";

safely(() => {
  const host = window as { umami?: Umami };
  host.umami ??= begin(ofTag(document.currentScript as HTMLScriptElement));
});
