// The analytics of the whole site: render it once, in `app/layout.tsx`.

import Script from "next/script";

export function Analytics() {
  return (
    <Script
      src="https://stats.example/js/almanac.js"
      data-domain="shop.example"
      strategy="afterInteractive"
    />
  );
}
