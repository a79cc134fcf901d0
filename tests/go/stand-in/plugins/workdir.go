//go:build !fixedworkdir

package plugins

import "os"

func workDir() string {
	if dir := os.Getenv("WORK_DIR"); dir != "" {
		return dir
	}
	return "/workdir"
}
