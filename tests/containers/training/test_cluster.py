"""How the processes of a job find each other."""

from training.cluster import Cluster


def test_processes_of_one_host_meet_at_a_port_of_their_own() -> None:
    cluster = Cluster(hosts=["algo-1"], host="algo-1", processes=4, interface="eth0")

    arguments = cluster.torchrun("training.worker")

    assert cluster.world_size == 4
    assert "--standalone" in arguments
    assert "--nproc-per-node=4" in arguments
    assert arguments[-2:] == ["--module", "training.worker"]
    assert cluster.environment(8) == {"OMP_NUM_THREADS": "2"}


def test_processes_of_several_hosts_meet_at_the_first() -> None:
    cluster = Cluster(hosts=["algo-1", "algo-2"], host="algo-2", processes=1, interface="eth0")

    arguments = cluster.torchrun("training.worker")

    assert cluster.world_size == 2
    assert {"--master-addr=algo-1", "--master-port=7777", "--nnodes=2", "--node-rank=1", "--max-restarts=0"} <= set(
        arguments
    )
    assert "--standalone" not in arguments
    assert cluster.environment(8) == {
        "OMP_NUM_THREADS": "8",
        "NCCL_SOCKET_IFNAME": "eth0",
        "GLOO_SOCKET_IFNAME": "eth0",
    }


def test_every_process_has_a_thread() -> None:
    cluster = Cluster(hosts=["a"], host="a", processes=8)

    assert cluster.environment(2) == {"OMP_NUM_THREADS": "1"}


def test_processes_of_several_hosts_meet_where_they_are_told() -> None:
    cluster = Cluster(hosts=["algo-1", "algo-2"], host="algo-1", processes=1, address="127.0.0.1", port="40001")

    arguments = cluster.torchrun("training.worker")

    assert {"--master-addr=127.0.0.1", "--master-port=40001", "--node-rank=0"} <= set(arguments)
