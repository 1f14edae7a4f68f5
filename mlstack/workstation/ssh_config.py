"""A block for ~/.ssh/config, so that every program that speaks SSH reaches a workstation without an open port."""

import os
import re
import shlex
from dataclasses import dataclass

from mlstack.errors import UserError
from mlstack.text import printable
from mlstack.workstation import session
from mlstack.workstation.machine import Machine
from mlstack.workstation.workstation import PROJECT, Workstation

OWN_KEY = "~/.ssh/id_ed25519"
PLAIN = re.compile(r"[\w@+=:,./~ -]+")
"""What needs no escape in a shell between double quotes, nor in ~/.ssh/config."""


@dataclass(frozen=True, slots=True)
class SshConfig:
    """The block, and what a person has to know of it."""

    text: str
    advice: str


def ssh_config(found: Workstation, machine: Machine, login: str, key: str | None) -> SshConfig:
    """The block for one machine.

    Where the machine was launched with a key pair, its private key opens it. Where not, EC2 Instance Connect takes
    the public key of any other, for a minute, before each connection.
    """
    by_pair = bool(machine.key_name)
    identity = key or (f"~/.ssh/{machine.key_name}.pem" if by_pair else OWN_KEY)
    profile = os.environ.get("AWS_PROFILE", "")
    for what, value in (("the key's path", identity), ("AWS_PROFILE", profile)):
        if value and not PLAIN.fullmatch(value):
            message = f"{what} has letters that ~/.ssh/config cannot hold: {value!r}; give it a plain name"
            raise UserError(message)
    proxy = _proxy(found.region, profile, None if by_pair else identity)
    alias = f"{PROJECT}-{found.target.stage}-{found.shown_name}"
    text = (
        f"Host {alias}\n"
        f"    HostName {machine.id}\n"
        f"    User {login}\n"
        f'    IdentityFile "{identity}"\n'
        f"    IdentitiesOnly yes\n"
        f"    ProxyCommand {proxy}\n"
    )
    how = (
        f"{identity} must be the private key of the key pair {printable(machine.key_name)}"
        if by_pair
        else f"EC2 Instance Connect takes {identity}.pub for each connection; your AWS user needs "
        "ec2-instance-connect:SendSSHPublicKey"
    )
    advice = f"append it to ~/.ssh/config, then `ssh {alias}`; {how}; after a new edition say it again"
    return SshConfig(text, advice)


def _proxy(region: str, profile: str, public_of: str | None) -> str:
    """What ssh runs to reach the machine; it replaces %h, %p and %r."""
    place = f"--region {region}" + (f" --profile {shlex.quote(profile)}" if profile else "")
    connect = f"aws ssm start-session --target %h --document-name {session.SSH} --parameters portNumber=%p {place}"
    if public_of is None:
        return connect
    send = (
        "aws ec2-instance-connect send-ssh-public-key --instance-id %h --instance-os-user %r "
        f"--ssh-public-key {shlex.quote(f'file://{public_of}.pub')} {place}"
    )
    return f'sh -c "{send} >/dev/null && exec {connect}"'
