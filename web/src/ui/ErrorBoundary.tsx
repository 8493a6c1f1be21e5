// Catches what a component throws, so that one broken panel never takes the page with it. What
// broke for want of a network, such as a part of the page that was never fetched, is loaded anew
// with the page once the network is back: the browser does not fetch a failed part again.

import { Component, type ReactNode } from "react";
import { Failure } from "./states";

interface State {
  error: Error | null;
  /** There was no network when it failed. */
  offline: boolean;
}

export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null, offline: false };

  static getDerivedStateFromError(error: Error): State {
    return { error, offline: !navigator.onLine };
  }

  override componentDidMount() {
    window.addEventListener("online", this.onOnline);
  }

  override componentWillUnmount() {
    window.removeEventListener("online", this.onOnline);
  }

  private onOnline = () => {
    if (this.state.error && this.state.offline) window.location.reload();
  };

  private retry = () => {
    if (this.state.offline) window.location.reload();
    else this.setState({ error: null, offline: false });
  };

  override render() {
    const { error } = this.state;
    return error ? <Failure error={error} onRetry={this.retry} /> : this.props.children;
  }
}
