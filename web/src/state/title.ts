// The window's title, which follows the page.

import { useEffect } from "react";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Almanac" : `${title} · Almanac`;
  }, [title]);
}
