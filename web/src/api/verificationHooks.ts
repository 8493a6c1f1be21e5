// TanStack Query hooks for verified hosts. A look answers with the new state of all of them.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { verification } from "./verification";

export function useVerification(project: string) {
  return useQuery({
    queryKey: ["project", project, "verification"],
    queryFn: async ({ signal }) => (await verification.hosts(project, signal)).hosts,
  });
}

export function useVerify(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (host: string) => verification.verify(project, host),
    onSuccess: (looked) => {
      client.setQueryData(["project", project, "verification"], looked.hosts);
    },
  });
}
