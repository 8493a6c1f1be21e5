// The routes, and who may see them: everything but signing in and setting up needs a session.

import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense } from "react";
import { Redirect, Route, Switch, useLocation, useSearch } from "wouter";
import { ApiError } from "./api/client";
import { newQueryClient, useSession } from "./api/hooks";
import { HealthPage } from "./pages/HealthPage";
import { LoginPage } from "./pages/LoginPage";
import { NewProjectPage } from "./pages/NewProjectPage";
import { NotFoundPage } from "./pages/NotFoundPage";
import { OnboardingPage } from "./pages/OnboardingPage";
import { OverviewPage } from "./pages/OverviewPage";
import { ProjectsPage } from "./pages/ProjectsPage";
import { RealtimePage } from "./pages/RealtimePage";
import { SetupPage } from "./pages/SetupPage";
import { ErrorBoundary } from "./ui/ErrorBoundary";
import { Failure, Loading, Skeleton } from "./ui/states";

const SettingsPage = lazy(() => import("./pages/SettingsPage"));

const client = newQueryClient();

export function App() {
  return (
    <ErrorBoundary>
      <QueryClientProvider client={client}>
        <Switch>
          <Route path="/login" component={LoginPage} />
          <Route path="/setup" component={SetupPage} />
          <Route>
            <SignedIn>
              <Pages />
            </SignedIn>
          </Route>
        </Switch>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}

function Pages() {
  return (
    <Suspense fallback={<PageSkeleton />}>
      <Switch>
        <Route path="/" component={ProjectsPage} />
        <Route path="/projects/new" component={NewProjectPage} />
        <Route path="/projects/:id">{({ id }) => <OverviewPage id={id} />}</Route>
        <Route path="/projects/:id/onboarding">{({ id }) => <OnboardingPage id={id} />}</Route>
        <Route path="/projects/:id/realtime">{({ id }) => <RealtimePage id={id} />}</Route>
        <Route path="/projects/:id/health">{({ id }) => <HealthPage id={id} />}</Route>
        <Route path="/projects/:id/settings">{({ id }) => <SettingsPage id={id} />}</Route>
        <Route component={NotFoundPage} />
      </Switch>
    </Suspense>
  );
}

function SignedIn({ children }: { children: ReactNode }) {
  const session = useSession();
  const [path] = useLocation();
  const search = useSearch();
  if (session.data) return children;
  if (session.error instanceof ApiError && session.error.status === 401) {
    const next = path + (search && `?${search}`);
    return (
      <Redirect to={next === "/" ? "/login" : `/login?next=${encodeURIComponent(next)}`} replace />
    );
  }
  if (session.isError) {
    return (
      <main className="grid min-h-dvh place-items-center">
        <Failure error={session.error} onRetry={() => session.refetch()} />
      </main>
    );
  }
  return <PageSkeleton />;
}

function PageSkeleton() {
  return (
    <main className="mx-auto max-w-[1240px] px-4 pt-24">
      <Loading>
        <Skeleton className="h-[420px] rounded-2xl" />
      </Loading>
    </main>
  );
}
