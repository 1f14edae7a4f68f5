"""EC2 as workstations need it: what moto's lacks or gets wrong, one module a capability."""
