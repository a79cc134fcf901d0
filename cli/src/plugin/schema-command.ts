import type { Command } from "commander";

export function addPluginSchema(plugin: Command): void {
  plugin
    .command("schema")
    .description("Print the JSON Schema of a component's input or output, or of the connection.")
    .argument("<spec>", "spec file, or folder of the plugin")
    .argument("<component>", "actions/<id>, triggers/<id>, tasks/<id>, an id alone, or connection")
    .argument("[part]", "input, output, state or connection; input when left out")
    .addHelpText(
      "after",
      `
It is the schema that the vendor's generator writes into schema.py.

Examples:
  vedette plugin schema plugin.spec.yaml actions/lookup input
  vedette plugin schema . lookup output | jq .required
  vedette plugin schema . connection

Exit codes: 0 printed, 2 wrong usage or a spec that cannot be read.`,
    )
    .action(async (spec: string, component: string, part: string | undefined) => {
      const { schemaOf } = await import("./schema.ts");
      process.stdout.write(`${JSON.stringify(schemaOf(spec, component, part), null, 2)}\n`);
    });
}
