//go:build fixedworkdir

package plugins

// As in versions of the SDK before v1.1.2.
func workDir() string { return "/workdir" }
