"""IP addresses, networks and transfers."""

import ipaddress
import math
from typing import Annotated

from pydantic import Field

from api_registry.decorator import api

Network = Annotated[
    str,
    Field(
        examples=[
            "192.168.1.0/24", "10.0.0.0/16", "172.16.8.0/22", "10.20.0.0/20", "192.168.64.0/18",
            "203.0.113.0/24", "10.1.128.0/17", "172.31.0.0/16", "198.51.100.0/24",
        ],
    ),
]  # fmt: skip
Address = Annotated[
    str,
    Field(
        examples=[
            "192.168.1.77", "10.0.3.14", "172.16.9.200", "8.8.8.8", "203.0.113.45", "127.0.0.1",
            "10.20.4.5", "198.51.100.9", "169.254.10.1", "192.168.70.3", "224.0.0.251",
        ],
    ),
]  # fmt: skip


@api(
    category="networking",
    examples=[
        {"network": "192.168.1.0/24"},
        {"network": "10.0.0.0/16"},
        {"network": "172.16.8.0/22"},
    ],
    phrasings=[
        "[show|give|get] me the [subnet details|address range and netmask]< of {network}>",
        "[work out|calculate] the netmask, broadcast address and [usable hosts|number of hosts] of "
        "{network}",
        "[describe|break down|summarise] the [subnet|network] {network}",
        "how many [usable hosts|usable addresses|machines] [fit in|are there in|does one get in] "
        "{network}?",
        "what are the [netmask|mask] and [broadcast address|host range] of {network}?",
        "[we were given|i've been assigned|our office uses] {network} and i need its [mask|netmask]"
        " and [first and last address|address range].",
    ],
)
def subnet_info(network: Network) -> dict[str, str | int]:
    """Describe an IPv4 subnet: netmask, broadcast address, host range and size.

    Args:
        network: Subnet in CIDR notation, such as 192.0.2.0/24.
    """
    parsed = _network(network)
    hosts = max(parsed.num_addresses - 2, 0)
    return {
        "network_address": str(parsed.network_address),
        "netmask": str(parsed.netmask),
        "broadcast_address": str(parsed.broadcast_address),
        "first_host": str(parsed.network_address + min(1, hosts)),
        "last_host": str(parsed.broadcast_address - min(1, hosts)),
        "usable_hosts": hosts,
    }


@api(
    category="networking",
    examples=[
        {"network": "192.168.1.0/24", "address": "192.168.1.77"},
        {"network": "10.0.0.0/16", "address": "10.1.0.1"},
        {"network": "172.16.8.0/22", "address": "172.16.9.200"},
    ],
    phrasings=[
        "[check|find out|tell me] whether {address} [is|lies|falls] inside {network}",
        "[see|verify|check] if {address} [belongs to|is part of|is covered by] {network}",
        "[check|look up|find out] if [an|a certain] address<, {address},> is [in|part of|within] "
        "[the network |]{network}",
        "[check|find out] if {address} is [inside|part of] [the subnet|the network]< {network}>",
        "is {address} [part of|inside|within] {network}?",
        "does {network} [contain|include|cover] [the address |the host |]{address}?",
        "[i'm seeing traffic from|there's a login from|a device has the address] {address} and "
        "[need|want] to know if it belongs to {network}.",
    ],
)
def network_contains(network: Network, address: Address) -> bool:
    """Check whether an IPv4 network contains an address.

    Args:
        network: Network in CIDR notation, such as 192.0.2.0/24.
        address: IP address to look for.
    """
    return _address(address) in _network(network)


@api(
    category="networking",
    examples=[
        {"network": "192.168.1.0/24", "new_prefix": 26},
        {"network": "10.20.0.0/20", "new_prefix": 28},
        {"network": "172.31.0.0/16", "new_prefix": 25, "show_at_most": 4},
    ],
    phrasings=[
        "[split|divide|carve up] {network} into< /{new_prefix:digits}> [subnets|smaller networks]"
        "< and list [only |]the first {show_at_most}>",
        "[list|show me|name]< the first {show_at_most} of> the /{new_prefix:digits} subnets"
        "< of {network}>",
        "[break|cut] {network} [down |up ]into [blocks|subnets] with a {new_prefix:digits}-bit "
        "prefix",
        "how many /{new_prefix:digits} [subnets|networks] [fit in|does one get out of|are there in]"
        " {network}?",
        "which [subnets|networks] do i get if i split {network} at /{new_prefix:digits}"
        "<, [just |]the first {show_at_most}>?",
        "[we're redoing our network plan|i'm planning the office network] and [want|need] {network}"
        " split into /{new_prefix:digits} subnets.",
    ],
)
def split_network(
    network: Network,
    new_prefix: Annotated[int, Field(ge=25, le=30)],
    show_at_most: Annotated[int, Field(ge=2, le=16)] = 8,
) -> dict[str, int | list[str]]:
    """Split an IPv4 network into equal smaller subnets.

    Args:
        network: Network in CIDR notation, such as 192.0.2.0/24.
        new_prefix: Prefix length of the subnets, in bits.
        show_at_most: Number of subnets to list; all of them are counted.
    """
    parsed = _network(network)
    if not parsed.prefixlen <= new_prefix <= 30:
        raise ValueError(f"`new_prefix` must be from {parsed.prefixlen} to 30 for {parsed}")
    size = 2 ** (32 - new_prefix)
    count = parsed.num_addresses // size
    starts = (parsed.network_address + index * size for index in range(min(count, show_at_most)))
    return {
        "subnet_count": count,
        "usable_hosts_each": size - 2,
        "subnets": [f"{start}/{new_prefix}" for start in starts],
    }


@api(
    category="networking",
    examples=[
        {"host_count": 50},
        {"host_count": 200, "growth_percent": 50},
        {"host_count": 1000},
    ],
    phrasings=[
        "[size|plan|pick] a [subnet|network] for< {host_count}> [devices|hosts]"
        "< with {growth_percent:percent} [room to grow|growth]>",
        "[find|work out] the smallest [subnet|prefix] that [fits|holds] {host_count} hosts"
        "< plus {growth_percent:percent} [headroom|reserve]>",
        "[recommend|choose] a netmask [big enough |]for {host_count} [machines|computers]",
        "how [big|large] a subnet do i need for {host_count} [hosts|devices]"
        "< and {growth_percent:percent} growth>?",
        "what prefix length [gives me|leaves] room for {host_count} [hosts|addresses]?",
        "[we have|our office has|there will be] {host_count} devices to [connect|number]"
        "< and expect {growth_percent:percent} more>, so i need the smallest subnet that fits.",
    ],
)
def smallest_subnet(
    host_count: Annotated[int, Field(ge=5, le=4000)],
    growth_percent: Annotated[int, Field(ge=10, le=100)] | None = None,
) -> dict[str, str | int]:
    """Find the smallest IPv4 subnet that holds a number of hosts.

    Args:
        host_count: Number of hosts to connect.
        growth_percent: Percentage of further hosts to leave room for.
    """
    if host_count < 1:
        raise ValueError("`host_count` must be at least 1")
    wanted = math.ceil(host_count * (100 + (growth_percent or 0)) / 100)
    prefix = 32 - math.ceil(math.log2(wanted + 2))
    mask = ipaddress.IPv4Network(f"0.0.0.0/{prefix}").netmask
    usable = 2 ** (32 - prefix) - 2
    return {
        "prefix": prefix,
        "netmask": str(mask),
        "usable_hosts": usable,
        "spare": usable - host_count,
    }


@api(
    category="networking",
    examples=[{"address": "10.0.3.14"}, {"address": "8.8.8.8"}, {"address": "127.0.0.1"}],
    phrasings=[
        "[check|find out|tell me] what kind of IP address {address} is",
        "[classify|look at] [the|this] [address|IP]< {address}> and [say|tell me] whether it's "
        "private or public",
        "[describe|identify|classify] the IP address< {address}>",
        "is {address} a [private|public|reserved] [address|IP address]?",
        "what [kind|type|sort] of [address|IP] is {address}?",
        "[my log shows|i found|the firewall reports] the address {address} and i [wonder|want to "
        "know] whether it's public or private.",
    ],
)
def describe_ip_address(address: Address) -> dict[str, str | bool]:
    """Tell what kind of address an IP address is and write its other forms.

    Args:
        address: IP address to describe.
    """
    parsed = _address(address)
    kinds = {
        "loopback": parsed.is_loopback,
        "link-local": parsed.is_link_local,
        "multicast": parsed.is_multicast,
        "private": parsed.is_private,
        "reserved": parsed.is_reserved,
    }
    return {
        "kind": next((kind for kind, applies in kinds.items() if applies), "public"),
        "routable_on_the_internet": parsed.is_global,
        "reverse_name": parsed.reverse_pointer,
        "hexadecimal": f"0x{int(parsed):08X}",
    }


@api(
    category="networking",
    examples=[
        {"file_gigabytes": 4.5, "megabits_per_second": 100},
        {"file_gigabytes": 700, "megabits_per_second": 1000},
        {"file_gigabytes": 32, "megabits_per_second": 500, "overhead_percent": 10},
    ],
    phrasings=[
        "[estimate|work out|calculate] how long it takes to [download|copy|transfer] "
        "{file_gigabytes} [GB|gigabytes]< at {megabits_per_second} megabits per second>"
        "< with {overhead_percent:percent} overhead>",
        "[tell me|figure out] the [transfer|download] time for a file< of {file_gigabytes} "
        "gigabytes> over a {megabits_per_second} Mbit/s line",
        "[estimate|compute|work out] the upload time of {file_gigabytes} GB on a "
        "{megabits_per_second}"
        " Mbps connection<, losing {overhead_percent:percent} to overhead>",
        "how long [does it take|will it take|would it take] to [send|upload|download] "
        "{file_gigabytes} GB< at {megabits_per_second} Mbit/s>?",
        "how soon [would|will] {file_gigabytes} gigabytes be [through|done|finished] on a line "
        "with "
        "{megabits_per_second} megabits per second< if {overhead_percent:percent} is overhead>?",
        "[i have to|i need to|we want to] move {file_gigabytes} GB over a "
        "{megabits_per_second} Mbit/s link and want to know [how long that takes|the time needed].",
    ],
)
def transfer_time(
    file_gigabytes: Annotated[float, Field(ge=0.5, le=900)],
    megabits_per_second: Annotated[int, Field(ge=10, le=1000)],
    overhead_percent: Annotated[int, Field(ge=5, le=30)] | None = None,
) -> dict[str, float | str]:
    """Estimate how long a file takes over a network connection.

    Args:
        file_gigabytes: File size in gigabytes.
        megabits_per_second: Connection speed in megabits per second.
        overhead_percent: Percentage of the speed lost to protocol overhead.
    """
    useful = 1 - (overhead_percent or 0) / 100
    if megabits_per_second <= 0 or useful <= 0:
        raise ValueError("`megabits_per_second` must be positive and `overhead_percent` below 100")
    seconds = file_gigabytes * 8_000 / (megabits_per_second * useful)
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return {"seconds": round(seconds, 1), "duration": f"{hours} h {minutes} min {rest} s"}


def _network(network: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(network, strict=False)
    except ValueError:
        raise ValueError(f"`{network}` is no IPv4 network; expected 192.0.2.0/24") from None


def _address(address: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(address)
    except ValueError:
        raise ValueError(f"`{address}` is no IPv4 address; expected four numbers") from None
