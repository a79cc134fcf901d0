process.stderr.write("the silent plugin was loaded\n");
process.exit(7);
