package main

import (
	"io"
	"strings"

	"github.com/threatwinds/go-sdk/plugins"
)

// Finds what is evil, and ends its answer as UTMStack's own analysis plugins do.
func main() {
	plugins.InitAnalysisPlugin("com.example.analyst", func(event *plugins.Event, out plugins.Analysis_AnalyzeServer) error {
		if strings.Contains(event.Raw, "evil") {
			alert := &plugins.Alert{
				Name: "Evil was said", Severity: "high", Category: "Test",
				Impact: &plugins.Impact{Confidentiality: 3},
				Target: &plugins.Side{Host: event.DataSource, PackagesSent: 1 << 60},
				Events: []*plugins.Event{event},
			}
			if err := out.Send(alert); err != nil {
				return err
			}
		}
		return io.EOF
	})
}
