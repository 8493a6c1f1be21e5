// The routes, and who may see them: everything but signing in, setting up and the
// description of the API needs a session.
// The overview comes with the first download; every other page is fetched when it is opened.

import { QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, lazy, type ReactNode, Suspense } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { ApiError } from "./api/client";
import { newQueryClient, useSession } from "./api/hooks";
import { withLater } from "./i18n/withLater";
import { OverviewPage } from "./pages/OverviewPage";
import { useSearchText } from "./state/params";
import { ErrorBoundary } from "./ui/ErrorBoundary";
import { Failure, Loading, Skeleton } from "./ui/states";

const page = <Name extends string, Props>(
  load: () => Promise<Record<Name, ComponentType<Props>>>,
  name: Name,
) =>
  lazy(async () => {
    const module = await withLater(load);
    return { default: module[name] };
  });

const AccountPage = page(() => import("./account/AccountPage"), "AccountPage");
const ForgotPage = page(() => import("./pages/ForgotPage"), "ForgotPage");
const JoinPage = page(() => import("./pages/JoinPage"), "JoinPage");
const ResetPage = page(() => import("./pages/ResetPage"), "ResetPage");
const ApiPage = page(() => import("./pages/ApiPage"), "ApiPage");
const CallsPage = page(() => import("./pages/CallsPage"), "CallsPage");
const ForecastPage = page(() => import("./pages/ForecastPage"), "ForecastPage");
const FunnelsPage = page(() => import("./pages/FunnelsPage"), "FunnelsPage");
const JourneysPage = page(() => import("./pages/JourneysPage"), "JourneysPage");
const RetentionPage = page(() => import("./pages/RetentionPage"), "RetentionPage");
const HealthPage = page(() => import("./pages/HealthPage"), "HealthPage");
const LoginPage = page(() => import("./pages/LoginPage"), "LoginPage");
const NewProjectPage = page(() => import("./pages/NewProjectPage"), "NewProjectPage");
const NotFoundPage = page(() => import("./pages/NotFoundPage"), "NotFoundPage");
const OnboardingPage = page(() => import("./pages/OnboardingPage"), "OnboardingPage");
const ProjectsPage = page(() => import("./pages/ProjectsPage"), "ProjectsPage");
const RealtimePage = page(() => import("./pages/RealtimePage"), "RealtimePage");
const SettingsPage = page(() => import("./pages/SettingsPage"), "SettingsPage");
const SetupPage = page(() => import("./pages/SetupPage"), "SetupPage");

const client = newQueryClient();

export function App() {
  return (
    <ErrorBoundary>
      <QueryClientProvider client={client}>
        <Suspense fallback={<PageSkeleton />}>
          <Switch>
            <Route path="/login">{() => <LoginPage />}</Route>
            <Route path="/setup">{() => <SetupPage />}</Route>
            <Route path="/forgot">{() => <ForgotPage />}</Route>
            <Route path="/reset">{() => <ResetPage />}</Route>
            <Route path="/join">{() => <JoinPage />}</Route>
            <Route path="/api-docs">{() => <ApiPage />}</Route>
            <Route>
              <SignedIn>
                <Pages />
              </SignedIn>
            </Route>
          </Switch>
        </Suspense>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/">{() => <ProjectsPage />}</Route>
      <Route path="/settings/:section">{({ section }) => <AccountPage section={section} />}</Route>
      <Route path="/projects/new">{() => <NewProjectPage />}</Route>
      <Route path="/projects/:id">{({ id }) => <OverviewPage id={id} />}</Route>
      <Route path="/projects/:id/onboarding">{({ id }) => <OnboardingPage id={id} />}</Route>
      <Route path="/projects/:id/realtime">{({ id }) => <RealtimePage id={id} />}</Route>
      <Route path="/projects/:id/calls">{({ id }) => <CallsPage id={id} />}</Route>
      <Route path="/projects/:id/funnels">{({ id }) => <FunnelsPage id={id} />}</Route>
      <Route path="/projects/:id/retention">{({ id }) => <RetentionPage id={id} />}</Route>
      <Route path="/projects/:id/journeys">{({ id }) => <JourneysPage id={id} />}</Route>
      <Route path="/projects/:id/forecast">{({ id }) => <ForecastPage id={id} />}</Route>
      <Route path="/projects/:id/health">{({ id }) => <HealthPage id={id} />}</Route>
      <Route path="/projects/:id/settings">{({ id }) => <SettingsPage id={id} />}</Route>
      <Route>{() => <NotFoundPage />}</Route>
    </Switch>
  );
}

function SignedIn({ children }: { children: ReactNode }) {
  const session = useSession();
  const [path] = useLocation();
  const search = useSearchText();
  if (session.error instanceof ApiError && session.error.status === 401) {
    const next = path + (search && `?${search}`);
    const target = next === "/" ? "/login" : `/login?next=${encodeURIComponent(next)}`;
    return <Redirect to={target} replace />;
  }
  if (session.data) return children;
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
