// Catches what a component throws, so that one broken panel never takes the page with it.

import { Component, type ReactNode } from "react";
import { Failure } from "./states";

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return <Failure error={error} onRetry={() => this.setState({ error: null })} />;
  }
}
