// A small application with routes; page views need no code in it.

import { createRoot } from "react-dom/client";
import { BrowserRouter, Link, Route, Routes } from "react-router";
import { almanac } from "./almanac";

function Plans() {
  const order = () => almanac.track("Order", { plan: "pro" });
  return (
    <button type="button" onClick={order}>
      Order
    </button>
  );
}

createRoot(document.getElementById("app") as HTMLElement).render(
  <BrowserRouter>
    <Link to="/plans">Plans</Link>
    <Routes>
      <Route path="/" element={<h1>Shop</h1>} />
      <Route path="/plans" element={<Plans />} />
    </Routes>
  </BrowserRouter>,
);
