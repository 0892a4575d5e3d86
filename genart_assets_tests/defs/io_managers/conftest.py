from genart_assets_tests.storage.roots import disk, moto_address, moto_root, root, storage

__all__ = ["disk", "moto_address", "moto_root", "root", "storage"]
