throw new Error("This plugin does not load.");
