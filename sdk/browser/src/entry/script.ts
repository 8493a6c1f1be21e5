// Owns the script-tag build `almanac.js`: reads the tag's attributes and publishes `window.almanac`.

import { start } from "../almanac";
import { readScript } from "../config";
import { safely } from "../host";
import { adoptPlausible, publish } from "../stub";

safely(() =>
  publish(() => {
    const options = readScript(document.currentScript as HTMLScriptElement);
    const almanac = start(options);
    if (options.plausible) adoptPlausible(almanac.track);
    return almanac;
  }),
);
