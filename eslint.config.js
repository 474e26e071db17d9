// Lint rules that need types, or that keep src/ pure; format and everything else is Biome's.
import tseslint from "typescript-eslint";

const impure = (name, why) => ({ name, message: `src/ is pure: ${why}` });
const elsewhere = "it belongs into node/ or testnet/";

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "coverage/"] },
  {
    files: ["src/**/*.ts", "node/**/*.ts", "testnet/**/*.ts", "test/**/*.ts"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      "no-restricted-globals": [
        "error",
        impure("Date", "time arrives as a field of an event"),
        impure("Promise", `waiting is an effect; ${elsewhere}`),
        impure("Intl", "peers of different languages must agree"),
        impure("globalThis", `what it reaches is the world; ${elsewhere}`),
        impure("performance", "time arrives as a field of an event"),
        impure("console", `printing is an effect; ${elsewhere}`),
        impure("WeakRef", "the garbage collector's moment is chance"),
        impure("FinalizationRegistry", "the garbage collector's moment is chance"),
      ],
      "no-restricted-properties": [
        "error",
        {
          object: "Math",
          property: "random",
          message: "src/ is pure: randomness arrives as a field of an event",
        },
        ...["pow", "exp", "log", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "hypot"].map(
          (property) => ({
            object: "Math",
            property,
            message: "src/ is exact: engines may round this differently",
          }),
        ),
        {
          property: "localeCompare",
          message: "src/ is pure: compareText orders by code unit on every machine",
        },
        ...["toLocaleString", "toLocaleUpperCase", "toLocaleLowerCase", "toLocaleDateString"].map(
          (property) => ({
            property,
            message: "src/ is pure: peers of different languages must agree",
          }),
        ),
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: ":matches(FunctionDeclaration, FunctionExpression, ArrowFunctionExpression)[async=true]",
          message: `src/ is synchronous: waiting is an effect; ${elsewhere}`,
        },
        { selector: "AwaitExpression", message: `src/ is synchronous: waiting is an effect; ${elsewhere}` },
        { selector: "ImportExpression", message: "src/ is synchronous: an import is a promise there" },
      ],
    },
  },
);
