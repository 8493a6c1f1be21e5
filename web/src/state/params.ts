// URL parameters as state. Every change is one history entry, unless it is told to replace.

import { useCallback, useMemo } from "react";
import { useLocation } from "wouter";
import { useSearch } from "wouter/use-browser-location";
import { searchText } from "../question/url";

export type SetParams = (
  change: (params: URLSearchParams) => URLSearchParams,
  options?: { replace?: boolean },
) => void;

/**
 * The address's question part as it stands. The router's own reading is decoded once already, so
 * that reading it as parameters would decode twice: an escaped comma would become a separator.
 */
export const useSearchText = (): string => useSearch().replace(/^\?/, "");

export function useParams(): [URLSearchParams, SetParams] {
  const search = useSearchText();
  const [path, navigate] = useLocation();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const set = useCallback<SetParams>(
    (change, options) => {
      const current = new URLSearchParams(window.location.search);
      navigate(`${path}${searchText(change(current))}`, options);
    },
    [path, navigate],
  );
  return [params, set];
}

/** One parameter with a default, which is left out of the URL. */
export function useParam(key: string, fallback: string): [string, (value: string) => void] {
  const [params, setParams] = useParams();
  const set = useCallback(
    (value: string) =>
      setParams((current) => {
        if (value === fallback) current.delete(key);
        else current.set(key, value);
        return current;
      }),
    [key, fallback, setParams],
  );
  return [params.get(key) ?? fallback, set];
}
