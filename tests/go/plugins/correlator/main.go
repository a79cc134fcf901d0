package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/threatwinds/go-sdk/plugins"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Notes the alerts that it is given.
func main() {
	plugins.InitCorrelationPlugin("com.example.correlator", func(_ context.Context, alert *plugins.Alert) (*emptypb.Empty, error) {
		file, err := os.OpenFile(filepath.Join(os.Getenv("WORK_DIR"), "correlated.ndjson"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return nil, json.NewEncoder(file).Encode(map[string]any{
			"id": alert.Id, "name": alert.Name, "events": len(alert.Events), "pid": os.Getpid(),
		})
	})
}
