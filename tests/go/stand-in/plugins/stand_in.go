// Package plugins stands in for the official SDK in tests: the same names, and the same behaviour towards an engine.
package plugins

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Older versions panic without a mode.
func init() {
	if os.Getenv("MODE") == "" {
		panic("MODE is not set")
	}
}

func report(message string, err error) {
	fmt.Printf("❌ {\"timestamp\":%q,\"code\":500,\"msg\":%q,\"cause\":%q,\"severity\":\"ERROR\"}\n",
		time.Now().UTC().Format(time.RFC3339Nano), message, fmt.Sprint(err))
}

// Holds the configuration's lock for a moment, as every plugin does when it loads.
func loadConfig() {
	lock := filepath.Join(workDir(), "pipeline", "config.lock")
	for {
		file, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			fmt.Fprint(file, os.Getpid())
			file.Close()
			break
		}
		time.Sleep(10 * time.Second)
	}
	os.ReadFile(filepath.Join(workDir(), "pipeline", "vedette.yaml"))
	time.Sleep(50 * time.Millisecond)
	os.Remove(lock)
}

func serve(name, kind string, register func(*grpc.Server)) error {
	loadConfig()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	sockets := filepath.Join(workDir(), "sockets")
	if err := os.MkdirAll(sockets, 0o755); err != nil {
		return err
	}
	socket := filepath.Join(sockets, name+"_"+kind+".sock")
	os.Remove(socket)
	defer os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	register(server)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case <-signals:
	case err := <-failed:
		return err
	}
	server.GracefulStop()
	time.Sleep(time.Second)
	return nil
}

type parsing struct {
	UnimplementedParsingServer
	work func(context.Context, *Transform) (*Draft, error)
}

func (p *parsing) ParseLog(ctx context.Context, tr *Transform) (*Draft, error) { return p.work(ctx, tr) }

// InitParsingPlugin serves a parsing plugin until a signal asks it to end.
func InitParsingPlugin(name string, work func(context.Context, *Transform) (*Draft, error)) error {
	return serve(name, "parsing", func(s *grpc.Server) { RegisterParsingServer(s, &parsing{work: work}) })
}

type analysis struct {
	UnimplementedAnalysisServer
	work func(*Event, Analysis_AnalyzeServer) error
}

func (p *analysis) Analyze(event *Event, out Analysis_AnalyzeServer) error { return p.work(event, out) }

// InitAnalysisPlugin serves an analysis plugin until a signal asks it to end.
func InitAnalysisPlugin(name string, work func(*Event, Analysis_AnalyzeServer) error) error {
	return serve(name, "analysis", func(s *grpc.Server) { RegisterAnalysisServer(s, &analysis{work: work}) })
}

type correlation struct {
	UnimplementedCorrelationServer
	work func(context.Context, *Alert) (*emptypb.Empty, error)
}

func (p *correlation) Correlate(ctx context.Context, alert *Alert) (*emptypb.Empty, error) {
	return p.work(ctx, alert)
}

// InitCorrelationPlugin serves a correlation plugin until a signal asks it to end.
func InitCorrelationPlugin(name string, work func(context.Context, *Alert) (*emptypb.Empty, error)) error {
	return serve(name, "correlation", func(s *grpc.Server) { RegisterCorrelationServer(s, &correlation{work: work}) })
}

type notification struct {
	UnimplementedNotificationServer
	work func(context.Context, *Message) (*emptypb.Empty, error)
}

func (p *notification) Notify(ctx context.Context, message *Message) (*emptypb.Empty, error) {
	return p.work(ctx, message)
}

// InitNotificationPlugin serves a notification plugin until a signal asks it to end.
func InitNotificationPlugin(name string, work func(context.Context, *Message) (*emptypb.Empty, error)) error {
	return serve(name, "notification", func(s *grpc.Server) { RegisterNotificationServer(s, &notification{work: work}) })
}

func engine() EngineClient {
	target := "unix://" + filepath.Join(workDir(), "sockets", "engine_server.sock")
	connection, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fail("cannot connect to the engine", err)
	}
	return NewEngineClient(connection)
}

func fail(message string, err error) {
	report(message, err)
	time.Sleep(5 * time.Second)
	os.Exit(1)
}

var logs chan *Log
var makeLogs sync.Once

// SendLogsFromChannel sends logs to the engine. It returns, and the process lives on without sending, when the stream ends.
func SendLogsFromChannel(pluginName string) {
	stream, err := engine().Input(context.Background())
	if err != nil {
		fail("cannot open the stream", err)
	}
	makeLogs.Do(func() { logs = make(chan *Log, runtime.NumCPU()*1000) })
	go func() {
		for {
			if err := stream.Send(<-logs); err != nil {
				if strings.Contains(err.Error(), "EOF") {
					return
				}
				fail("cannot send a log", err)
			}
		}
	}()
	for {
		if _, err := stream.Recv(); err != nil {
			if strings.Contains(err.Error(), "EOF") {
				return
			}
			fail("cannot receive an acknowledgement", err)
		}
	}
}

// EnqueueLog gives a log to the sender; it gives up after a second.
func EnqueueLog(log *Log, pluginName string) error {
	select {
	case logs <- log:
		return nil
	case <-time.After(time.Second):
		err := errors.New("queue is full")
		report("cannot enqueue a log", err)
		return err
	}
}

// NotifyEngine sends one message over the engine's stream for messages.
func NotifyEngine(message *Message) error {
	stream, err := engine().Notify(context.Background())
	if err != nil {
		return err
	}
	if err := stream.Send(message); err != nil {
		return err
	}
	_, err = stream.Recv()
	return err
}
