use redis::{Pipeline, RedisFuture};

use super::*;

/// A server that says it knows functions, and answers the library with `to_load`. It counts how often it got that.
struct Server {
    to_load: &'static str,
    loads: usize,
}

fn value(reply: &str) -> redis::RedisResult<Value> {
    redis::parse_redis_value(reply.as_bytes())?.extract_error()
}

impl ConnectionLike for Server {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        let Some(redis::Arg::Simple(name)) = command.args_iter().next() else {
            unreachable!("a command has a name")
        };
        let reply = match name {
            b"EVALSHA_RO" => ":1\r\n",
            b"FUNCTION" => {
                self.loads += 1;
                self.to_load
            }
            b"FCALL" => "+called\r\n",
            other => unreachable!("{other:?}"),
        };
        Box::pin(async move { value(reply) })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        _pipeline: &'a Pipeline,
        _offset: usize,
        _count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        unreachable!("one command at a time")
    }

    fn get_db(&self) -> i64 {
        0
    }
}

/// Makes calls over connection number `generation`. Returns whether each ran as a function.
async fn call(functions: &Functions, server: &mut Server, generation: u64) -> [bool; 3] {
    let mut ran = [false; 3];
    for one in &mut ran {
        let reply = functions.call::<String>(generation, server, FINISH.name, |_| {}).await;
        *one = reply.map(Result::unwrap).is_some();
    }
    ran
}

#[tokio::test]
async fn a_library_that_the_server_refuses_is_not_sent_again_with_each_call() {
    let functions = Functions::default();
    let mut server = Server { to_load: "-ERR Error compiling function\r\n", loads: 0 };
    assert_eq!(call(&functions, &mut server, 1).await, [false; 3]);
    assert_eq!(server.loads, 1);
    // Another connection may lead to another server.
    server.to_load = "+antre\r\n";
    assert_eq!(call(&functions, &mut server, 2).await, [true; 3]);
    assert_eq!(server.loads, 2);
}

#[tokio::test]
async fn a_library_that_cannot_be_loaded_for_the_moment_is_sent_again() {
    let functions = Functions::default();
    let mut server = Server { to_load: "-OOM command not allowed\r\n", loads: 0 };
    assert_eq!(call(&functions, &mut server, 1).await, [false; 3]);
    assert_eq!(server.loads, 3);
    server.to_load = "+antre\r\n";
    assert_eq!(call(&functions, &mut server, 1).await, [true; 3]);
    assert_eq!(server.loads, 4);
}
