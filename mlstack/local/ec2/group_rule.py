"""Rules of security groups: moto changes the words of those for addresses alone, not of those for other groups."""

from functools import wraps
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupBackend

from mlstack.local.mend import replace


def mend() -> None:
    """Change the words of rules for groups as well."""
    moto_modify = SecurityGroupBackend.modify_security_group_rules

    @wraps(moto_modify)
    def modify_security_group_rules(
        self: SecurityGroupBackend, group_id: str, rules: dict[str, dict[str, Any]]
    ) -> None:
        moto_modify(self, group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for name, said in rules.items():
            rule = group.get_rule(name) if group else None
            if rule and rule.source_group and said.get("Description") is not None:
                rule.source_group["Description"] = said["Description"]

    replace(SecurityGroupBackend, "modify_security_group_rules", modify_security_group_rules)
