// A provider of sign-ins (npm's oidc-provider, with its own pages) for one client. Arguments: the
// port, and where browsers go back to. Whoever signs in as NAME is `NAME@shop.example`, verified
// unless the name begins with `unverified`. It prints a line once it listens.

import Provider from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "almanac",
      client_secret: "a-secret-of-the-provider",
      redirect_uris: [redirectUri],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["only in tests"] },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: `subject-of-${id}`,
      email: `${id}@shop.example`,
      email_verified: !id.startsWith("unverified"),
      name: id,
    }),
  }),
});

provider.listen(Number(port), "127.0.0.1", () => console.log(issuer));
