// Owns the script-tag build `almanac.vitals.js`: reports web vitals through `window.almanac`.

import { onPage } from "../page_api";
import { watchVitals } from "../vitals";

watchVitals(onPage());
