throw new Error("It breaks when it is loaded.");
