// The page for an address that leads nowhere.

import { AppFrame } from "../ui/AppFrame";
import { NotFound } from "./NotFound";

export function NotFoundPage() {
  return (
    <AppFrame>
      <NotFound />
    </AppFrame>
  );
}
