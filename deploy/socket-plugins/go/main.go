// A parsing plugin without the SDK. It serves the original protocol, one log a call, and on the same socket our own service
// for many logs in one call. See docs/guide/socket-plugins.md.
package main

import (
	"context"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/tidwall/sjson"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"example.com/my-enricher/pb/plugins"
	batch "example.com/my-enricher/pb/vedette/plugins/v1"
)

const name = "my-enricher"

// The work of the plugin: the log as it is from now on.
func enrich(json string, params map[string]*structpb.Value) (string, error) {
	return sjson.Set(json, "log.custom_status", "processed_by_plugin")
}

type one struct{ plugins.UnimplementedParsingServer }

func (one) ParseLog(_ context.Context, request *plugins.Transform) (*plugins.Draft, error) {
	draft := request.GetDraft()
	json, err := enrich(draft.GetLog(), request.GetStep().GetDynamic().GetParams())
	if err != nil {
		// Becomes an entry in the errors of the event; the log stays as it was.
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	draft.Log = json
	return draft, nil
}

type many struct {
	batch.UnimplementedBatchParsingServer
}

func (many) ParseLogs(_ context.Context, request *batch.ParseLogsRequest) (*batch.ParseLogsResponse, error) {
	response := &batch.ParseLogsResponse{Logs: make([]*batch.ParsedLog, len(request.Logs))}
	for i, given := range request.Logs {
		json, err := enrich(given, request.Params)
		response.Logs[i] = &batch.ParsedLog{Log: json}
		if err != nil {
			response.Logs[i] = &batch.ParsedLog{Error: err.Error()}
		}
	}
	return response, nil
}

func main() {
	socket := filepath.Join(os.Getenv("WORK_DIR"), "sockets", name+"_parsing.sock")
	os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	plugins.RegisterParsingServer(server, one{})
	batch.RegisterBatchParsingServer(server, many{})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-stop
		server.GracefulStop()
	}()
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
