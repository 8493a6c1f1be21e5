// Tests of single components know every message, as the pages they stand on do.

import { enAccount } from "../src/i18n/enAccount";
import { enLater } from "../src/i18n/enLater";
import { know } from "../src/i18n/t";

know({ ...enLater, ...enAccount });
