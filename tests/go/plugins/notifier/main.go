package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/threatwinds/go-sdk/plugins"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Notes the messages that it is given, and sends one itself.
func main() {
	go func() {
		for {
			time.Sleep(500 * time.Millisecond)
			plugins.NotifyEngine(&plugins.Message{Id: "own", Topic: "own_topic", Message: "{}"})
		}
	}()
	plugins.InitNotificationPlugin("com.example.notifier", func(_ context.Context, message *plugins.Message) (*emptypb.Empty, error) {
		file, err := os.OpenFile(filepath.Join(os.Getenv("WORK_DIR"), "notified.ndjson"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return nil, json.NewEncoder(file).Encode(map[string]any{"topic": message.Topic, "message": message.Message})
	})
}
