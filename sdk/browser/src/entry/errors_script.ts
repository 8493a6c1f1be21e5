// Owns the script-tag build `almanac.errors.js`: reports errors through `window.almanac`.

import { watchErrors } from "../errors";
import { onPage } from "../page_api";

watchErrors(onPage());
